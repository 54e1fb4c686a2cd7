import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dialJob, hangupJob } from './jobs.js';
import { orderSchema, readOrder } from './orders.js';

interface Messages {
  orders: unknown[];
  jobs: { queue: string; data: unknown }[];
  accepts: { jobs: Record<string, string[][]>; orders: Record<string, string[]> };
}

const { orders, jobs, accepts } = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/release-0.1.0/messages.json', import.meta.url), 'utf8'),
) as Messages;

describe('the messages of release 0.1.0', () => {
  it('are read: jobs', () => {
    const schemas = { dial: dialJob.payload, hangup: hangupJob.payload };
    expect(jobs.map(({ queue }) => queue).toSorted()).toEqual(['dial', 'hangup', 'hangup']);
    for (const { queue, data } of jobs) expect(schemas[queue as 'dial' | 'hangup'].parse(data)).toEqual(data);
  });

  it('are read: orders', () => {
    expect(orders).toHaveLength(3);
    for (const order of orders) expect(readOrder(order)).toEqual({ outcome: 'order', order });
  });
});

/** Today's schemas are strict, so that what they let through is all that is written. A change here needs a version: PROTOCOL.md. */
describe('what is written today without a version', () => {
  it('is a job that release 0.1.0 takes', () => {
    expect([Object.keys(dialJob.payload.shape)]).toEqual(accepts.jobs['dial']);
    expect(hangupJob.payload.options.map(({ shape }) => Object.keys(shape))).toEqual(accepts.jobs['hangup']);
  });

  it('is an order that release 0.1.0 takes', () => {
    const written = orderSchema.options.map(({ shape }) => [shape.type.value, Object.keys(shape).toSorted()]);
    expect(Object.fromEntries(written)).toEqual(accepts.orders);
  });
});
