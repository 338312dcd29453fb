#!/usr/bin/perl
# A producer and a worker with Redis.pm. usage: perl.pl produce PORT STREAM COUNT | work PORT STREAM GROUP CONSUMER
use strict;
use warnings;
use Redis;
use Time::HiRes 'sleep';

$| = 1;
my ($what, $port, $stream, @rest) = @ARGV;
my $server;

# Until a server answers: it may have been killed, and be started again. What a server refuses is an error.
sub persist {
  my ($action) = @_;
  while (1) {
    my @reply = eval {
      $server ||= Redis->new(server => "127.0.0.1:$port", name => $rest[1] // 'producer');
      $action->();
    };
    return wantarray ? @reply : $reply[0] unless $@;
    die $@ if $@ =~ /^\[\w+\] [A-Z]+ /;
    undef $server;
    sleep 0.02;
  }
}

sub settle {
  my ($word, $group, @entries) = @_;
  for (@entries) {
    my ($id, $fields) = @$_;
    print "$word $id $fields->[1]\n";
    persist(sub { $server->xack($stream, $group, $id) });
    print "acked $id $fields->[1]\n";
  }
}

if ($what eq 'produce') {
  for my $number (1 .. $rest[0]) {
    my $id = persist(sub { $server->xadd($stream, '*', 'n', $number) });
    print "added $id $number\n";
  }
} else {
  my ($group, $consumer) = @rest;
  eval { persist(sub { $server->xgroup('CREATE', $stream, $group, '0', 'MKSTREAM') }) };
  die $@ if $@ && $@ !~ /BUSYGROUP/;
  print "ready\n";
  while (1) {
    my @claimed = persist(sub { $server->xautoclaim($stream, $group, $consumer, 1000, '0-0', 'COUNT', 10) });
    settle('again', $group, @{ $claimed[1] });
    my @read = persist(sub { $server->xreadgroup('GROUP', $group, $consumer, 'COUNT', 5, 'BLOCK', 200, 'STREAMS', $stream, '>') });
    settle('new', $group, @{ $_->[1] }) for grep { defined } @read;
  }
}
