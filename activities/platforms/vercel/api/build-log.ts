import { z } from 'zod';
import { redact } from '../../../../domain/lib/redact.ts';
import type { Ask } from './ask.ts';

const mostLines = 20;

const Row = z.object({
  type: z.string(),
  level: z.string().nullish(),
  text: z.string().nullish(),
  payload: z.object({ text: z.string().nullish(), info: z.unknown().optional() }).nullish(),
});
const Rows = z.array(Row);
type Row = z.infer<typeof Row>;

const textOf = ({ text, payload }: Row) => redact(payload?.text ?? text ?? '');
const said = new Set(['stderr', 'stdout', 'fatal', 'command', 'exit']);
const isErrorLine = ({ type, level }: Row) =>
  type === 'stderr' || type === 'fatal' || level === 'error';

/**
 * Returns the last error lines of a build, at most 20 and without secrets. If there are no error
 * lines, returns the last lines of the output.
 */
export async function readBuildLog(
  ask: Ask,
  { project, id }: { project: string; id: string },
): Promise<string[]> {
  const what = `the build log of ${id} of ${project}`;
  const path = `/v3/deployments/${encodeURIComponent(id)}/events`;
  const query = { builds: 1, limit: -1, direction: 'forward', follow: 0 };
  const asked = { method: 'GET', path, query, what, project, effect: false } as const;
  const rows = (await ask.json(asked, Rows)).filter(({ type }) => said.has(type));
  const errors = rows.filter(isErrorLine);
  const lines = (errors.length > 0 ? errors : rows).map(textOf).filter((line) => line !== '');
  return lines.slice(-mostLines);
}
