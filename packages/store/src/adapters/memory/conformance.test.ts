import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import { storeConformance } from '../../conformance/index.js';
import { createMemoryAdmission, createMemoryAdmissionControl, createMemoryDatabase, createMemoryStore } from './index.js';

storeConformance('the memory store', async () => ({
  async world(options = {}) {
    const time = createVirtualTime();
    const database = createMemoryDatabase(time);
    let seed = 1;
    return {
      open: async () => ({
        ...createMemoryStore({ database, chance: createSeededChance(seed++, time), options }),
        control: createMemoryAdmissionControl({ database }),
        admission: (given) => createMemoryAdmission({ database, ...given }),
      }),
      passMs: (ms) => time.advance(ms),
    };
  },
  async close() {},
}));
