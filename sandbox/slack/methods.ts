import type { Handler, Reply } from '../http.ts';
import type { Metadata, Workspace } from './state.ts';

export type Arguments = Record<string, string>;
export type Method = (args: Arguments, workspace: Workspace) => Handler;

/** Returns a response that reports success. Slack uses status 200 for success and for failure. */
export const yes = <Body extends { ok?: boolean }>(body: Body): Reply => ({
  status: 200,
  body: { ...body, ok: true },
});
export const no = (error: string, details: Record<string, unknown> = {}): Reply => ({
  status: 200,
  body: { ok: false, error, ...details },
});
export const missing = (...names: string[]) =>
  no('invalid_arguments', {
    response_metadata: { messages: names.map((n) => `[ERROR] missing required field: ${n}`) },
  });

const parsed = (value: string): unknown => {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
};
export const truthy = (value: string | undefined) => value === 'true' || value === '1';

export const readMetadata = (args: Arguments): Metadata | null | undefined => {
  if (!args.metadata) return null;
  const value = parsed(args.metadata) as Partial<Metadata> | undefined;
  const { event_type, event_payload } = value ?? {};
  if (typeof event_type !== 'string' || !event_payload || typeof event_payload !== 'object')
    return undefined;
  return { event_type, event_payload };
};
export const readBlocks = (args: Arguments): unknown[] | null | undefined => {
  if (!args.blocks) return null;
  const value = parsed(args.blocks);
  return Array.isArray(value) ? value : undefined;
};

const tooLong = (text: unknown, most: number) =>
  typeof (text as { text?: unknown } | undefined)?.text === 'string' &&
  (text as { text: string }).text.length > most;

type Element = { text?: unknown; value?: string; action_id?: string; confirm?: Dialog };
type Dialog = { title?: unknown; text?: unknown; confirm?: unknown; deny?: unknown };

const badDialog = ({ title, text, confirm, deny }: Dialog) =>
  tooLong(title, 100) || tooLong(text, 300) || tooLong(confirm, 30) || tooLong(deny, 30);

const badElement = ({ text, value = '', action_id: id = '', confirm }: Element) =>
  tooLong(text, 75) ||
  value.length > 2000 ||
  id.length > 255 ||
  (confirm !== undefined && badDialog(confirm));

/**
 * Returns true if the block breaks a limit of Block Kit. Checks only the limits that a message of
 * Plimsoll could reach.
 */
const badBlock = (block: unknown) => {
  const { text, elements } = block as { text?: unknown; elements?: Element[] };
  return tooLong(text, 3000) || (elements?.length ?? 0) > 25 || elements?.some(badElement);
};

/**
 * Checks the content of a message. Returns the error response if the content is bad, or undefined.
 * All methods that write a message use this function.
 */
export const refuseContent = (args: Arguments): Reply | undefined => {
  const blocks = readBlocks(args);
  if (blocks === undefined) return no('invalid_blocks_format');
  if ((blocks?.length ?? 0) > 50 || blocks?.some(badBlock)) return no('invalid_blocks');
  if (!args.text && !blocks?.length) return no('no_text');
  return readMetadata(args) === undefined ? no('invalid_metadata_format') : undefined;
};
