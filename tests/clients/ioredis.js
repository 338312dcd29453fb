// A producer and a worker with ioredis. usage: ioredis.js produce PORT STREAM COUNT | work PORT STREAM GROUP CONSUMER
const { Redis } = require('ioredis');

const [what, port, stream, ...rest] = process.argv.slice(2);
const client = new Redis({ host: '127.0.0.1', port: Number(port), connectionName: rest[1] ?? 'producer',
                           retryStrategy: () => 20, maxRetriesPerRequest: 0 });
client.on('error', () => {}); // it connects again by itself

// Until a server answers: it may have been killed, and be started again. What a server refuses is an error.
async function persist(action) {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (error.name === 'ReplyError') throw error;
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}

async function produce(count) {
  for (let number = 1; number <= count; number++) {
    const id = await persist(() => client.xadd(stream, '*', 'n', number));
    console.log('added', id, number);
  }
  process.exit(0);
}

async function work(group, consumer) {
  try {
    await persist(() => client.xgroup('CREATE', stream, group, '0', 'MKSTREAM'));
  } catch (error) {
    if (!error.message.startsWith('BUSYGROUP')) throw error;
  }
  console.log('ready');
  async function settle(word, entries) {
    for (const [id, fields] of entries) {
      console.log(word, id, fields[1]);
      await persist(() => client.xack(stream, group, id));
      console.log('acked', id, fields[1]);
    }
  }
  for (;;) {
    const claimed = await persist(() => client.xautoclaim(stream, group, consumer, 1000, '0-0', 'COUNT', 10));
    await settle('again', claimed[1]);
    const read = await persist(() => client.xreadgroup('GROUP', group, consumer, 'COUNT', 5, 'BLOCK', 200, 'STREAMS', stream, '>'));
    for (const [, entries] of read ?? []) await settle('new', entries);
  }
}

({ produce, work })[what](...rest).catch((error) => {
  console.error(error);
  process.exit(1);
});
