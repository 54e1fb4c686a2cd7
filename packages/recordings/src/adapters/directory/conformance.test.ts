import { silentLogger, systemTimers } from '@onhook/service';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { recordingsConformance } from '../../conformance/index.js';
import { createDirectoryRecordings } from './index.js';

const root = mkdtempSync(join(tmpdir(), 'onhook-recordings-'));
afterAll(() => rmSync(root, { recursive: true }));

recordingsConformance('recordings in a directory', () =>
  createDirectoryRecordings({ dir: join(mkdtempSync(join(root, 'one-')), 'new'), logger: silentLogger, timers: systemTimers }),
);
