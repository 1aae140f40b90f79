import { readdirSync } from 'node:fs';
import { parse } from 'node:path';
import { groups } from './run.ts';
import type { Listing, Verb } from './run.ts';

const directory = new URL('./commands/', import.meta.url);

/**
 * The file of each verb, by the name of the verb. The files are in commands/: TypeScript in a
 * clone, JavaScript in the package.
 */
const files = new Map(
  readdirSync(directory)
    .filter((file) => /^[a-z-]+\.[jt]s$/.test(file))
    .map((file) => [parse(file).name, new URL(file, directory).href]),
);

export const verbNames: readonly string[] = [...files.keys()].toSorted();

/** A verb, with the exports of its file. */
type Loaded = { name: string; listing: Listing; verb: Verb };

/** Loads the files of these verbs. Returns the verbs in the order of `plimsoll --help`. */
export async function loadVerbs(names: readonly string[]): Promise<Loaded[]> {
  const loaded = await Promise.all(
    names.map(async (name) => {
      const { listing, verb } = (await import(files.get(name) ?? '')) as Omit<Loaded, 'name'>;
      return { name, listing, verb };
    }),
  );
  return loaded.toSorted((one, other) => place(one) - place(other));
}

const place = ({ listing }: Loaded) => groups.indexOf(listing.group) * 100 + listing.order;
