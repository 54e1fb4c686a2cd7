import { readdirSync, readFileSync } from 'node:fs';

/** What a process of this machine has used so far, by Linux's own books. */
interface TargetUsage {
  /** Of all its threads that live now, in nanosecond ticks of the scheduler. */
  cpuMs: number;
  rssKb: number;
}

/** Zeros where there is no /proc, or no such process any more. */
export function usageOf(pid: number): TargetUsage {
  try {
    let cpuNs = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      cpuNs += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]);
    }
    return { cpuMs: cpuNs / 1e6, rssKb: rssKbOf(readFileSync(`/proc/${pid}/status`, 'latin1')) };
  } catch {
    // Gone, or never there: the caller sees it from the zeros.
    return { cpuMs: 0, rssKb: 0 };
  }
}

function rssKbOf(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
}
