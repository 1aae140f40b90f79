import type { Client } from '@temporalio/client';
import { searchAttributes } from '../domain/deploy/wire.ts';

export const searchAttributeNames = Object.values(searchAttributes);

const keyword = 2;

/**
 * Registers the search attributes of Plimsoll, before any workflow sets them. A workflow task that
 * sets an unknown attribute fails again and again.
 */
export async function registerSearchAttributes(client: Client, namespace: string) {
  const operator = client.connection.operatorService;
  const { customAttributes } = await operator.listSearchAttributes({ namespace });
  const missing = searchAttributeNames.filter((name) => !(name in customAttributes));
  if (missing.length === 0) return;
  const wanted = Object.fromEntries(missing.map((name) => [name, keyword]));
  await operator.addSearchAttributes({ namespace, searchAttributes: wanted });
}
