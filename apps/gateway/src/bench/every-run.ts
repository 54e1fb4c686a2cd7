/** A run that came to nothing, in words. The others of its bench are worth as much as before, but the bench as a whole is void. */
export type LostRun = string;

/** One after the other. One that fails is written down, and the next begins. */
export async function everyRun<Order extends { readonly title: string }, Result>(
  orders: readonly Order[],
  run: (order: Order) => Promise<Result>,
  say: (what: string) => void,
): Promise<{ runs: Result[]; lost: LostRun[] }> {
  const runs: Result[] = [];
  const lost: LostRun[] = [];
  for (const order of orders) {
    say(order.title);
    try {
      runs.push(await run(order));
    } catch (error) {
      const what = `${order.title}: lost, ${error instanceof Error ? error.message : String(error)}`;
      say(what);
      lost.push(what);
    }
  }
  return { runs, lost };
}
