import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * The rooms of each folder, lowest first. A file may import only from its own room and from earlier
 * rooms. This rule also applies to types. `a/*` means that every folder in `a` is a room. These
 * rooms may not import from each other. If several rooms contain a file, the file belongs to the
 * room with the longest name. A file outside of all rooms may import anything.
 */
export const order = {
  domain: [
    'lib',
    'deploy',
    'messages/parts',
    'services',
    'contract/effect.ts',
    'platforms/platform.ts',
    'platforms/published.ts',
    'platforms/*',
    'platforms',
    'config',
    'contract',
    'approval',
    'budget',
    'watch',
    'rollback',
    'gates',
    'contract/kinds.ts',
    'drift',
    'incident',
    'actions',
    'queue',
    'messages',
  ],
  activities: [
    'lib',
    'builds',
    'git',
    'github',
    'ledger',
    'slack',
    'page',
    'anchor',
    'platforms',
    'platforms/*',
    'platforms/index.ts',
    'approval',
    'budget',
    'watch',
    'plan',
    'gates',
    'incident',
    'drift',
    'queue',
    'records',
  ],
  client: ['sign', 'render', 'session', 'init', 'commands'],
};

/**
 * The imports of types that go up and are allowed all the same. Each entry is [start of the
 * importing path, imported file]. A plan contains the target type of its platform. The schema of a
 * platform uses the kit of the configuration. The table of gates defines the types of the flags in
 * a plan, and the types of the checks in the contract.
 */
const upwards = [
  ['domain/deploy/', 'domain/platforms/index.ts'],
  ['domain/platforms/', 'domain/config/kit.ts'],
  ['domain/deploy/', 'domain/gates/table.ts'],
  ['domain/contract/', 'domain/gates/table.ts'],
];

const imports = /^(?:import|export)\s+(type\s+)?(?:[^;'"]*?\sfrom\s+)?'(\.[^']+)'/gm;

/** Returns every import that goes up, as "file -> file". `read` gives the text of a file. */
export function upward(files, read) {
  return files.flatMap((file) =>
    [...read(file).matchAll(imports)].flatMap(([, type, to]) => {
      const target = posix.join(posix.dirname(file), to);
      return goesUp(file, target) && !(type && isListed(file, target))
        ? [`${file} -> ${target}`]
        : [];
    }),
  );
}

function goesUp(from, to) {
  const [a, b] = [placeOf(from), placeOf(to)];
  if (!a || !b || a.top !== b.top || a.room === b.room) return false;
  return b.rank >= a.rank;
}

function placeOf(file) {
  const [top, ...rest] = file.split('/');
  const inside = rest.join('/');
  const rooms = (order[top] ?? []).flatMap((entry, rank) =>
    [entry].flat().map((room) => ({ top, room: folderOf(room, inside), rank })),
  );
  return rooms
    .filter(({ room }) => inside === room || inside.startsWith(`${room}/`))
    .toSorted((one, other) => other.room.length - one.room.length)[0];
}

/**
 * Returns the folder that contains the file `inside` for a room such as `a/*`. For the file
 * `a/b/c.ts`, this is `a/b`.
 */
const folderOf = (room, inside) =>
  room.endsWith('/*')
    ? (new RegExp(`^${room.slice(0, -1)}[^/]+(?=/)`).exec(inside)?.[0] ?? room)
    : room;

const isListed = (from, to) =>
  upwards.some(([source, target]) => from.startsWith(source) && to === target);

/**
 * Returns every import that goes up in the source tree at `root`. Throws if a room in `order` does
 * not exist, because then `order` is out of date.
 */
export function check(root) {
  for (const [top, rooms] of Object.entries(order))
    for (const room of rooms.flat())
      if (!existsSync(join(root, top, room.replace(/\/\*$/, ''))))
        throw new Error(`bin/rooms.mjs lists the room ${top}/${room}, which does not exist`);
  const files = Object.keys(order).flatMap((top) => globSync(`${top}/**/*.ts`, { cwd: root }));
  return upward(files, (file) => readFileSync(join(root, file), 'utf8'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const found = check(dirname(dirname(fileURLToPath(import.meta.url))));
  for (const line of found) console.error(`A room may import only rooms below it: ${line}`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
