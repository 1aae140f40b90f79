import { realpathSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
/** The packages may be a link to another directory. */
const packages = realpathSync(join(root, 'node_modules'));

/**
 * Replaces names of the machine that recorded the history, for example its host name and its paths.
 * Also replaces these names inside payloads.
 */
export function neutral(history: Json, directory: string): Json {
  const words: [from: string, to: string][] = [
    [directory, '/tmp/plimsoll-recording'],
    [packages, '/opt/plimsoll/node_modules'],
    [root, '/opt/plimsoll'],
    [hostname(), 'recorder'],
    [`${userInfo().username}@127`, 'deploy@127'],
    [`${homedir()}/`, '/home/deploy/'],
  ];
  const process = /\b\d+@recorder\b/g;
  const notify = (text: string) =>
    words
      .reduce((now, [from, to]) => now.replaceAll(from, to), text)
      .replace(process, '1@recorder');
  return walk(history, notify);
}

const plain = Buffer.from('json/plain').toString('base64');

function walk(node: Json, notify: (text: string) => string): Json {
  if (typeof node === 'string') return notify(node);
  if (Array.isArray(node)) return node.map((it) => walk(it, notify));
  if (node === null || typeof node !== 'object') return node;
  if (isSchedule(node)) return walk(withoutInput(node), notify);
  if (isPayload(node)) return { ...node, data: inside(node.data, notify) };
  return Object.fromEntries(Object.entries(node).map(([key, it]) => [key, walk(it, notify)]));
}

/**
 * Returns true if the node schedules an activity. `walk` leaves out the input of the activity: a
 * replay compares only the type, and inputs would fill most of the file.
 */
const isSchedule = (node: { [key: string]: Json }) => 'activityType' in node && 'input' in node;
const withoutInput = ({ input: _input, ...rest }: { [key: string]: Json }): Json => rest;

type Payload = { metadata: { encoding: string }; data: string };
const isPayload = (node: { [key: string]: Json }): node is Payload =>
  typeof node['data'] === 'string' &&
  (node['metadata'] as Payload['metadata'] | undefined)?.encoding === plain;

const inside = (data: string, notify: (text: string) => string) =>
  Buffer.from(notify(Buffer.from(data, 'base64').toString())).toString('base64');

/** Every text of a history that a person could read. Payloads are decoded. */
export function textsOf(node: Json): string[] {
  if (typeof node === 'string') return [node];
  if (Array.isArray(node)) return node.flatMap(textsOf);
  if (node === null || typeof node !== 'object') return [];
  const decoded = isPayload(node) ? [Buffer.from(node.data, 'base64').toString()] : [];
  return [...decoded, ...Object.values(node).flatMap(textsOf)];
}
