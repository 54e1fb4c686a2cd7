import type { Command } from 'commander';
import type { CampaignStats, Schemas } from './api.js';
import { leftOf, statusLine, statusLines } from './campaign-lines.js';
import type { Context } from './context.js';
import { EXIT_FAILED, EXIT_OK, Unreachable } from './errors.js';

const REDRAW_EVERY_MS = 1_000;
const LINE_EVERY_MS = 2_000;

interface Look {
  readonly campaign: Schemas['Campaign'];
  readonly stats: CampaignStats;
}

/** `onhook campaign status`: how far it is, once or until it is over. */
export function addCampaignStatus(campaign: Command, context: Context): void {
  const { terminal, clock, timers, signal } = context;

  async function look(id: string): Promise<Look> {
    const path = `/v1/campaigns/${encodeURIComponent(id)}`;
    const api = context.api();
    const [seen, stats] = await Promise.all([api.get<Schemas['Campaign']>(path), api.get<CampaignStats>(`${path}/stats`)]);
    return { campaign: seen, stats };
  }

  /** Resolves with what it looked like when it was over, or when Ctrl-C was pressed. */
  async function watch(id: string, isSilent: boolean): Promise<Look> {
    const pace = createPace();
    let seen = await look(id);
    for (;;) {
      const now = clock.now();
      const etaAt = pace(seen.stats, now);
      if (seen.campaign.status === 'completed' || seen.campaign.status === 'canceled' || signal.aborted) break;
      if (terminal.isWatched && !isSilent) terminal.redraw(statusLines(seen.campaign, seen.stats, etaAt, now, terminal));
      else if (!isSilent) terminal.out(statusLine(seen.campaign, seen.stats, etaAt, now, terminal));
      await timers.sleep(terminal.isWatched ? REDRAW_EVERY_MS : LINE_EVERY_MS, signal);
      try {
        seen = await look(id);
      } catch (error) {
        // It may be watched for hours: an api that restarts meanwhile ends nothing.
        if (!(error instanceof Unreachable) || signal.aborted) throw error;
        if (!isSilent && !terminal.isWatched) terminal.err(`${error.message} Trying again.`);
      }
    }
    terminal.redraw([]);
    return seen;
  }

  campaign
    .command('status')
    .description('How far it is, by outcome, and when it may be through.')
    .argument('<campaign>', 'its id')
    .option('--watch', 'until it is completed (exit code 0) or canceled (1)')
    .option('--json', 'JSON on standard output; with --watch once, at the end')
    .addHelpText(
      'after',
      '\nExamples:\n  onhook campaign status camp_01kaq3v4e8f0zr2m5t7w9y1b3d --watch\n  onhook campaign status camp_01kaq3v4e8f0zr2m5t7w9y1b3d --json | jq .causes',
    )
    .action(async (id: string, options: { watch?: boolean; json?: boolean }) => {
      const seen = options.watch ? await watch(id, options.json === true) : await look(id);
      const now = clock.now();
      if (options.json) terminal.out(JSON.stringify(seen.stats, null, 2));
      else statusLines(seen.campaign, seen.stats, seen.stats.etaAt, now, terminal).forEach((line) => terminal.out(line));
      if (options.watch) context.exit(seen.campaign.status === 'completed' ? EXIT_OK : EXIT_FAILED);
    });
}

/** The api's own estimate, which needs whole minutes; before there are any, by what was seen since the first look. */
export function createPace(): (stats: Pick<CampaignStats, 'ledger' | 'etaAt'>, nowMs: number) => string | null {
  let first: { readonly left: number; readonly atMs: number } | undefined;
  return ({ ledger, etaAt }, nowMs) => {
    const left = leftOf(ledger);
    first ??= { left, atMs: nowMs };
    if (etaAt !== null) return etaAt;
    const [ended, tookMs] = [first.left - left, nowMs - first.atMs];
    return ended <= 0 || left === 0 ? null : new Date(nowMs + (left * tookMs) / ended).toISOString();
  };
}
