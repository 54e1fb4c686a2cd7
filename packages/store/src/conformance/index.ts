import { afterAll, beforeAll, describe } from 'vitest';
import { admissionConformance } from './admission.js';
import { directoryConformance } from './directory.js';
import { indexConformance } from './indexes.js';
import { recordConformance } from './records.js';
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
    admissionConformance(() => harness);
  });
}
