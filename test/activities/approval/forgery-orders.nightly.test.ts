import { test } from 'vitest';
import { expectOrders } from '../../support/forgery-orders.ts';

test('1,000 orders of early, late, copied and forged: none accepted, none lost, all in the ledger', async () => {
  await expectOrders(1_000);
});
