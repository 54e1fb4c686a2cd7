import { afterAll, beforeAll, describe } from 'vitest';
import { admissionConformance } from './admission.js';
import { admissionControlConformance } from './admission-control.js';
import { admissionLimitsConformance } from './admission-limits.js';
import { directoryConformance } from './directory.js';
import { indexConformance } from './indexes.js';
import { livesConformance } from './lives.js';
import { recordConformance } from './records.js';
import { transcriptConformance } from './transcripts.js';
import type { Harness } from './world.js';

export type { Harness, OpenStore, World } from './world.js';

/** What every store must do, whatever it is made of. */
export function storeConformance(name: string, make: () => Promise<Harness>): void {
  describe(`${name}`, () => {
    let harness: Harness;
    beforeAll(async () => {
      harness = await make();
    });
    afterAll(() => harness.close());
    recordConformance(() => harness);
    indexConformance(() => harness);
    directoryConformance(() => harness);
    livesConformance(() => harness);
    admissionConformance(() => harness);
    admissionLimitsConformance(() => harness);
    admissionControlConformance(() => harness);
    transcriptConformance(() => harness);
  });
}
