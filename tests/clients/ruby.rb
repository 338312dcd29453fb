# A producer and a worker with redis-rb. usage: ruby.rb produce PORT STREAM COUNT | work PORT STREAM GROUP CONSUMER
require 'redis'

$stdout.sync = true
what, port, stream, *rest = ARGV
server = Redis.new(host: '127.0.0.1', port: port.to_i, id: rest[1] || 'producer', reconnect_attempts: 0)

# Until a server answers: it may have been killed, and be started again.
def persist
  yield
rescue Redis::BaseConnectionError
  sleep 0.02
  retry
end

if what == 'produce'
  (1..rest[0].to_i).each do |number|
    id = persist { server.xadd(stream, { n: number }) }
    puts "added #{id} #{number}"
  end
  exit
end

group, consumer = rest
begin
  persist { server.xgroup(:create, stream, group, '0', mkstream: true) }
rescue Redis::CommandError => e
  raise unless e.message.start_with?('BUSYGROUP')
end
puts 'ready'
settle = lambda do |word, entries|
  entries.each do |id, fields|
    puts "#{word} #{id} #{fields['n']}"
    persist { server.xack(stream, group, id) }
    puts "acked #{id} #{fields['n']}"
  end
end
loop do
  settle.call('again', persist { server.xautoclaim(stream, group, consumer, 1000, '0-0', count: 10) }['entries'])
  read = persist { server.xreadgroup(group, consumer, stream, '>', count: 5, block: 200) }
  read.each_value { |entries| settle.call('new', entries) }
end
