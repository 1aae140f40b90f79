import type { Client } from '@temporalio/client';
import { searchAttributes } from '../domain/messages.ts';

export const searchAttributeNames = Object.values(searchAttributes);

const keyword = 2;

/** A workflow task that sets an unknown attribute fails for ever, so they are registered before the first. */
export async function registerSearchAttributes(client: Client, namespace: string) {
  const operator = client.connection.operatorService;
  const { customAttributes } = await operator.listSearchAttributes({ namespace });
  const missing = searchAttributeNames.filter((name) => !(name in customAttributes));
  if (missing.length === 0) return;
  const wanted = Object.fromEntries(missing.map((name) => [name, keyword]));
  await operator.addSearchAttributes({ namespace, searchAttributes: wanted });
}
