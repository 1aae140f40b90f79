import { test } from 'vitest';
import { expectOrders } from '../../support/forgery-orders.ts';

test('60 orders of early, late, copied and forged: none accepted, none lost, all in the ledger', async () => {
  await expectOrders(60);
}, 240_000);
