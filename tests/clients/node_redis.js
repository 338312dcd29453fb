// A producer and a worker with node-redis. usage: node_redis.js produce PORT STREAM COUNT | work PORT STREAM GROUP CONSUMER
const { createClient, ErrorReply } = require('redis');

const [what, port, stream, ...rest] = process.argv.slice(2);
const client = createClient({ name: rest[1] ?? 'producer',
                              socket: { host: '127.0.0.1', port: Number(port), reconnectStrategy: () => 20 } });
client.on('error', () => {}); // it connects again by itself

// Until a server answers: it may have been killed, and be started again. What a server refuses is an error.
async function persist(action) {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (error instanceof ErrorReply) throw error;
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}

async function produce(count) {
  for (let number = 1; number <= count; number++) {
    const id = await persist(() => client.xAdd(stream, '*', { n: String(number) }));
    console.log('added', id, number);
  }
  process.exit(0);
}

async function work(group, consumer) {
  try {
    await persist(() => client.xGroupCreate(stream, group, '0', { MKSTREAM: true }));
  } catch (error) {
    if (!error.message.startsWith('BUSYGROUP')) throw error;
  }
  console.log('ready');
  async function settle(word, entries) {
    for (const { id, message } of entries) {
      console.log(word, id, message.n);
      await persist(() => client.xAck(stream, group, id));
      console.log('acked', id, message.n);
    }
  }
  for (;;) {
    const claimed = await persist(() => client.xAutoClaim(stream, group, consumer, 1000, '0-0', { COUNT: 10 }));
    await settle('again', claimed.messages);
    const read = await persist(() => client.xReadGroup(group, consumer, { key: stream, id: '>' }, { COUNT: 5, BLOCK: 200 }));
    for (const { messages } of read ?? []) await settle('new', messages);
  }
}

client.connect().then(() => ({ produce, work })[what](...rest)).catch((error) => {
  console.error(error);
  process.exit(1);
});
