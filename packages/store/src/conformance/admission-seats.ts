import type { GatewayId } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import type { Admitted } from '../ports/admission.js';
import { placesAfter } from './admission-answers.js';
import { BOTH, request } from './admission-request.js';
import { FROM, newAccount } from './sample-call.js';
import type { Harness } from './world.js';

export function admissionSeatsConformance(harness: () => Harness): void {
  const opened = async (limits = {}) => (await (await harness().world()).open()).admission({ ...BOTH, limits });

  describe('a seat at a gateway', () => {
    const [a, b, c] = ['gw_a', 'gw_b', 'gw_c'] as GatewayId[] as [GatewayId, GatewayId, GatewayId];
    const seatOf = async (answer: Promise<Admitted>): Promise<string> => {
      const admitted = await answer;
      return admitted.verdict === 'granted'
        ? String(admitted.gatewayId)
        : 'reason' in admitted
          ? admitted.reason
          : admitted.verdict;
    };

    it('is taken from the grant to the end of the call, over all dialers: calls that ring for long oversell no gateway', async () => {
      const world = await harness().world();
      const dialers = await Promise.all([world.open(), world.open()]);
      const account = newAccount();
      const gateways = [
        { gatewayId: a, seats: 3, live: 0 },
        { gatewayId: b, seats: 1, live: 0 },
      ];
      const asked = Array.from({ length: 8 }, () => request(account, { gateways }));
      const seats = await Promise.all(asked.map((one, i) => seatOf(dialers[i % 2]!.admission(BOTH).ask(one))));
      expect(seats.toSorted()).toEqual([a, a, a, b, ...Array<string>(4).fill('no-gateway-seat')]);
      await world.passMs(30);
      const late = request(account, { gateways });
      const admission = dialers[0].admission(BOTH);
      expect(await seatOf(admission.ask(late))).toBe('no-gateway-seat');
      expect(await dialers[0].control.accountWait(account)).toMatchObject({ reason: 'no-gateway-seat' });
      await admission.release(account, asked[seats.indexOf(b)]!.callId, 1, 1);
      expect(await seatOf(admission.ask(late))).toBe(b);
    });

    it('is at the emptiest, by shares, also by the gateway’s own count', async () => {
      const admission = await opened();
      const account = newAccount();
      const gateways = [
        { gatewayId: a, seats: 10, live: 10 },
        { gatewayId: b, seats: 4, live: 3 },
        { gatewayId: c, seats: 8, live: 0 },
      ];
      const seats: string[] = [];
      for (let i = 0; i < 8; i++) seats.push(await seatOf(admission.ask(request(account, { gateways }))));
      expect(seats).toEqual([...Array<string>(6).fill(c), b, b]);
    });

    it('stays the same for the same attempt while that gateway takes calls, and moves when it does not', async () => {
      const admission = await opened();
      const account = newAccount();
      const offer = (gatewayId: GatewayId, live: number) => ({ gatewayId, seats: 2, live });
      const one = request(account);
      expect(await seatOf(admission.ask({ ...one, gateways: [offer(a, 0), offer(b, 1)] }))).toBe(a);
      expect(await seatOf(admission.ask({ ...one, gateways: [offer(a, 2), offer(b, 0)] }))).toBe(a);
      expect(await seatOf(admission.ask({ ...one, gateways: [offer(b, 1)] }))).toBe(b);
      expect(await seatOf(admission.ask({ ...one, gateways: [offer(c, 2)] }))).toBe('no-gateway-seat');
      const others = [request(account), request(account), request(account)];
      const gateways = [offer(a, 0), offer(b, 0)];
      for (const other of others) await admission.ask({ ...other, gateways });
      expect(await seatOf(admission.ask(request(account, { gateways })))).toBe('no-gateway-seat');
    });

    it('is that of the stream when the place is restored', async () => {
      const admission = await opened();
      const account = newAccount();
      const gateways = [{ gatewayId: a, seats: 1, live: 0 }];
      const { callId, to } = request(account);
      const [place] = await placesAfter(admission, request(account));
      const lost = { account, callId, n: 1, to, from: FROM, campaignId: null, mostMinutes: 1, microsPerMinute: 0 };
      await admission.restore({ ...lost, gatewayId: a, expiresAt: place!.expiresAt });
      expect(await seatOf(admission.ask(request(account, { gateways })))).toBe('no-gateway-seat');
      await admission.release(account, callId, 1, 0);
      expect(await seatOf(admission.ask(request(account, { gateways })))).toBe(a);
    });
  });
}
