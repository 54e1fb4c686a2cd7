import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemChance, systemClock } from '@onhook/service';
import { defaultNames } from './names.js';
import { openPrivateCa, type PrivateCa } from './private-ca.js';

describe('the private CA', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'simulator-ca-'));
  const open = (): Promise<PrivateCa> => openPrivateCa({ dir, clock: systemClock, chance: systemChance });
  let ca: PrivateCa;
  beforeAll(async () => {
    ca = await open();
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('issues certificates for the names that programs have hard-coded, signed by it', () => {
    const leaf = new X509Certificate(ca.issue(defaultNames).cert);
    const authority = new X509Certificate(ca.certificate);
    expect(authority.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.verify(authority.publicKey)).toBe(true);
    expect(leaf.checkIssued(authority)).toBe(true);
    for (const name of ['api.twilio.com', 'api.openai.com', 'localhost']) expect(leaf.checkHost(name)).toBe(name);
    for (const address of ['127.0.0.1', '::1']) expect(leaf.checkIP(address)).toBe(address);
    expect(leaf.checkHost('example.com')).toBeUndefined();
  });

  it('never gives two certificates one serial number', () => {
    const serials = Array.from({ length: 20 }, () => new X509Certificate(ca.issue(['localhost']).cert).serialNumber);
    expect(new Set(serials).size).toBe(20);
  });

  it('is the same after a restart, so that a program needs to be told once', async () => {
    const again = await open();
    expect(again.certificate).toBe(ca.certificate);
    expect(new X509Certificate(again.issue(['localhost']).cert).checkIssued(new X509Certificate(ca.certificate))).toBe(true);
  });

  it('keeps its key from other users of the machine', () => {
    expect(statSync(path.join(dir, 'ca-key.pem')).mode & 0o077).toBe(0);
  });

  it('leaves nothing on disk without a directory', async () => {
    const passing = await openPrivateCa({ clock: systemClock, chance: systemChance });
    expect(passing.certificateFile).toBeUndefined();
    expect(passing.certificate).not.toBe(ca.certificate);
  });
});
