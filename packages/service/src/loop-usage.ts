import { performance } from 'node:perf_hooks';

/** How long this thread's event loop has worked and waited since it began. Passed in like time. */
export interface LoopUsage {
  /** Milliseconds; both only grow. */
  sample(): { readonly activeMs: number; readonly idleMs: number };
}

export const systemLoopUsage: LoopUsage = {
  sample() {
    const { active, idle } = performance.eventLoopUtilization();
    return { activeMs: active, idleMs: idle };
  },
};
