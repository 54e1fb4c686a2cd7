import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Queue } from 'bullmq';
import express from 'express';

/** What `POST /v1/calls` is measured against: parses the same JSON and awaits one `queue.add`, and nothing else. */
const [, , redisUrl = '', prefix = ''] = process.argv;
const { hostname, port } = new URL(redisUrl);
const queue = new Queue('dial', { connection: { host: hostname, port: Number(port) }, prefix });
await queue.waitUntilReady();

const app = express();
app.use(express.json());
app.post('/v1/calls', async (request, response) => {
  const job = await queue.add('dial', request.body);
  response.status(201).json({ id: job.id });
});
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.((server.address() as AddressInfo).port);
process.on('disconnect', () => process.exit(0));
