import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import { storeConformance } from '../../conformance/index.js';
import {
  createMemoryAdmission,
  createMemoryAdmissionControl,
  createMemoryCampaigns,
  createMemoryContacts,
  createMemoryApiKeys,
  createMemoryDatabase,
  createMemoryDoNotCall,
  createMemoryKeptAnswers,
  createMemoryNews,
  createMemoryQuotas,
  createMemoryStats,
  createMemoryStore,
} from './index.js';

storeConformance('the memory store', async () => ({
  async world(options = {}) {
    const time = createVirtualTime();
    const database = createMemoryDatabase(time);
    let seed = 1;
    return {
      open: async () => ({
        ...createMemoryStore({ database, chance: createSeededChance(seed++, time), options }),
        answers: createMemoryKeptAnswers({ database }),
        quotas: createMemoryQuotas({ database }),
        campaigns: createMemoryCampaigns({ database }),
        contacts: createMemoryContacts({ database }),
        control: createMemoryAdmissionControl({ database }),
        doNotCall: createMemoryDoNotCall({ database }),
        apiKeys: createMemoryApiKeys({ database }),
        stats: createMemoryStats({ database }),
        ...createMemoryNews({ database, options }),
        admission: (given) => createMemoryAdmission({ database, ...given }),
      }),
      passMs: (ms) => time.advance(ms),
    };
  },
  async close() {},
}));
