import { generateKeyPair } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import forge from 'node-forge';
import type { Chance, Clock } from '@onhook/service';
import { nameConstraints } from './name-constraints.js';
import { permittedTrees } from './names.js';

/** A certificate authority of the simulator's own: a program trusts it by `NODE_EXTRA_CA_CERTS`, or what its language has. */
export interface PrivateCa {
  /** PEM of the CA's certificate. */
  readonly certificate: string;
  /** Where the certificate lies on disk, if it was given a directory. */
  readonly certificateFile: string | undefined;
  /** A server certificate for these host names and addresses, and its key, as PEM. One key for all of them. */
  issue(names: readonly string[]): { cert: string; key: string };
}

const dayMs = 24 * 60 * 60_000;
const caDays = 3_650;
/** More is refused by some clients (Apple's: 825 days). */
const leafDays = 800;
const makeKeyPair = promisify(generateKeyPair);

/**
 * Reads the CA in `dir` (`ca.pem`, `ca-key.pem`), or makes one there; without `dir`, one for this process only.
 *
 * @throws Error if the directory cannot be written, or what lies there is no CA of ours
 */
export async function openPrivateCa({
  dir,
  clock,
  chance,
}: {
  dir?: string | undefined;
  clock: Clock;
  chance: Chance;
}): Promise<PrivateCa> {
  const files = dir === undefined ? undefined : { cert: path.resolve(dir, 'ca.pem'), key: path.resolve(dir, 'ca-key.pem') };
  const kept = files && read(files);
  const authority = kept ?? (await makeAuthority({ clock, chance }));
  if (files && !kept) {
    mkdirSync(path.dirname(files.cert), { recursive: true });
    writeFileSync(files.key, authority.key, { mode: 0o600, flag: 'wx' });
    writeFileSync(files.cert, authority.cert);
  }
  const caCertificate = forge.pki.certificateFromPem(authority.cert);
  const caKey = forge.pki.privateKeyFromPem(authority.key);
  const leaf = await newKeyPair();

  return {
    certificate: authority.cert,
    certificateFile: files?.cert,
    issue(names) {
      const certificate = blank({ clock, chance, days: leafDays, publicKey: leaf.publicKey });
      certificate.setSubject([{ name: 'commonName', value: names[0] ?? 'localhost' }]);
      certificate.setIssuer(caCertificate.subject.attributes);
      certificate.setExtensions([
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        {
          name: 'subjectAltName',
          altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
        },
        { name: 'subjectKeyIdentifier' },
        { name: 'authorityKeyIdentifier', keyIdentifier: caCertificate.generateSubjectKeyIdentifier().getBytes() },
      ]);
      certificate.sign(caKey, forge.md.sha256.create());
      return { cert: forge.pki.certificateToPem(certificate), key: leaf.privateKey };
    },
  };
}

async function makeAuthority({ clock, chance }: { clock: Clock; chance: Chance }): Promise<{ cert: string; key: string }> {
  const pair = await newKeyPair();
  const certificate = blank({ clock, chance, days: caDays, publicKey: pair.publicKey });
  const subject = [{ name: 'commonName', value: `Onhook simulator ${chance.uuid().slice(0, 8)}, for tests only` }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
    nameConstraints(permittedTrees),
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(pair.privateKey), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: pair.privateKey };
}

/** RSA, because every client of the last twenty years takes it; made by OpenSSL, because forge takes seconds. */
function newKeyPair(): Promise<{ publicKey: string; privateKey: string }> {
  return makeKeyPair('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function blank(options: { clock: Clock; chance: Chance; days: number; publicKey: string }): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(options.publicKey);
  // A positive number: a first digit above 7 would make it negative.
  certificate.serialNumber = `4${options.chance.uuid().replaceAll('-', '').slice(1)}`;
  const nowMs = options.clock.now();
  // A day back: the clocks of a container and of its host may differ.
  certificate.validity.notBefore = new Date(nowMs - dayMs);
  certificate.validity.notAfter = new Date(nowMs + options.days * dayMs);
  return certificate;
}

function read(files: { cert: string; key: string }): { cert: string; key: string } | undefined {
  try {
    return { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
