import { afterAll, beforeAll, describe } from 'vitest';
import { admissionConformance } from './admission.js';
import { admissionControlConformance } from './admission-control.js';
import { admissionLimitsConformance } from './admission-limits.js';
import { admissionSeatsConformance } from './admission-seats.js';
import { apiKeysConformance } from './api-keys.js';
import { deliveryConformance } from './deliveries.js';
import { campaignConformance } from './campaigns.js';
import { contactConformance } from './contacts.js';
import { directoryConformance } from './directory.js';
import { doNotCallConformance } from './do-not-call.js';
import { endpointConformance } from './endpoints.js';
import { feedConformance } from './feed.js';
import { indexConformance } from './indexes.js';
import { livesConformance } from './lives.js';
import { recordConformance } from './records.js';
import { requestConformance } from './requests.js';
import { retentionConformance } from './retention.js';
import { statsConformance } from './stats.js';
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
    admissionSeatsConformance(() => harness);
    admissionControlConformance(() => harness);
    transcriptConformance(() => harness);
    retentionConformance(() => harness);
    campaignConformance(() => harness);
    contactConformance(() => harness);
    requestConformance(() => harness);
    doNotCallConformance(() => harness);
    apiKeysConformance(() => harness);
    statsConformance(() => harness);
    deliveryConformance(() => harness);
    endpointConformance(() => harness);
    feedConformance(() => harness);
  });
}
