import type { Kysely } from 'kysely';
import { start } from './chain.ts';
import type { Head } from './chain.ts';
import type { Tables } from './store.ts';

/** Returns the newest row of the chain. */
export const headOf = async (database: Kysely<Tables>): Promise<Head> =>
  (await database
    .selectFrom('entries')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()) ?? start;
