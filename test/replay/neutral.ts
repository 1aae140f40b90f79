import { homedir, hostname, userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** A history in which nothing names the machine it was recorded on; also inside its payloads. */
export function neutral(history: Json, directory: string): Json {
  const words: [from: string, to: string][] = [
    [directory, '/tmp/plimsoll-recording'],
    [root, '/opt/plimsoll'],
    [hostname(), 'recorder'],
    [`${userInfo().username}@127`, 'deploy@127'],
    [`${homedir()}/`, '/home/deploy/'],
  ];
  const process = /\b\d+@recorder\b/g;
  const say = (text: string) =>
    words
      .reduce((now, [from, to]) => now.replaceAll(from, to), text)
      .replace(process, '1@recorder');
  return walk(history, say);
}

const plain = Buffer.from('json/plain').toString('base64');

function walk(node: Json, say: (text: string) => string): Json {
  if (typeof node === 'string') return say(node);
  if (Array.isArray(node)) return node.map((it) => walk(it, say));
  if (node === null || typeof node !== 'object') return node;
  if (isSchedule(node)) return walk(withoutInput(node), say);
  if (isPayload(node)) return { ...node, data: inside(node.data, say) };
  return Object.fromEntries(Object.entries(node).map(([key, it]) => [key, walk(it, say)]));
}

/** A replay compares an activity's type, never what it was given; plans and looks would be most of the file. */
const isSchedule = (node: { [key: string]: Json }) => 'activityType' in node && 'input' in node;
const withoutInput = ({ input: _input, ...rest }: { [key: string]: Json }): Json => rest;

type Payload = { metadata: { encoding: string }; data: string };
const isPayload = (node: { [key: string]: Json }): node is Payload =>
  typeof node['data'] === 'string' &&
  (node['metadata'] as Payload['metadata'] | undefined)?.encoding === plain;

const inside = (data: string, say: (text: string) => string) =>
  Buffer.from(say(Buffer.from(data, 'base64').toString())).toString('base64');

/** Every text of a history, its payloads decoded: what a person could read in it. */
export function textsOf(node: Json): string[] {
  if (typeof node === 'string') return [node];
  if (Array.isArray(node)) return node.flatMap(textsOf);
  if (node === null || typeof node !== 'object') return [];
  const decoded = isPayload(node) ? [Buffer.from(node.data, 'base64').toString()] : [];
  return [...decoded, ...Object.values(node).flatMap(textsOf)];
}
