import { z } from 'zod';
import type { Ask } from './ask.ts';
import { parseJson } from '../../../lib/http.ts';

export type RuntimeWhere = {
  project: string;
  projectId: string;
  id: string;
  /** Start of the count in epoch milliseconds. Older rows do not count. */
  since: number;
};
export type RuntimeCounts = {
  rows: number;
  /** The number of rows with level error or fatal, or with a 5xx status. Each row counts once. */
  bad: number;
  errors: number;
  serverErrors: number;
  /** Number of rows of an unknown form. The other counts do not contain these rows. */
  unreadable: number;
  /** False if Vercel ended the stream before `end` aborted. */
  whole: boolean;
};

const Row = z.object({
  rowId: z.string(),
  level: z.string(),
  source: z.string(),
  responseStatusCode: z.number().nullish(),
  timestampInMs: z.number(),
});
type Row = z.infer<typeof Row>;

/** True if the row only marks the end of a request. The release did not write this row. */
const isMark = ({ source }: Row) => source === 'delimiter';

function counter(since: number) {
  const zero = { rows: 0, bad: 0, errors: 0, serverErrors: 0 };
  const counts: Omit<RuntimeCounts, 'whole'> = { ...zero, unreadable: 0 };
  const seen = new Set<string>();
  const add = ({ level, responseStatusCode }: Row) => {
    const error = level === 'error' || level === 'fatal';
    const serverError = (responseStatusCode ?? 0) >= 500;
    counts.rows += 1;
    if (error) counts.errors += 1;
    if (serverError) counts.serverErrors += 1;
    if (error || serverError) counts.bad += 1;
  };
  const take = (line: string) => {
    const { success, data } = Row.safeParse(parseJson(line));
    if (!success) counts.unreadable += 1;
    else if (!isMark(data) && data.timestampInMs >= since && !seen.has(data.rowId)) {
      seen.add(data.rowId);
      add(data);
    }
  };
  return { counts, take };
}

const partOf = (id: string) => encodeURIComponent(id);

/**
 * Counts the rows of the live log until `end` aborts. Keeps no message, because a message may
 * contain secrets.
 */
export async function followRuntimeLog(
  ask: Ask,
  { project, projectId, id, since }: RuntimeWhere,
  { end, onCounts }: { end: AbortSignal; onCounts: ((counts: RuntimeCounts) => void) | undefined },
): Promise<RuntimeCounts> {
  const path = `/v1/projects/${partOf(projectId)}/deployments/${partOf(id)}/runtime-logs`;
  const what = `the runtime log of ${id} of ${project}`;
  const asked = { method: 'GET', path, what, project, effect: false } as const;
  const { counts, take } = counter(since);
  for await (const line of ask.lines({ ...asked, accept: 'application/stream+json' }, end)) {
    take(line);
    onCounts?.({ ...counts, whole: true });
  }
  return { ...counts, whole: end.aborted };
}
