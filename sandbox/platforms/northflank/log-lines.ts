import type { Call, Reply } from '../../http.ts';
import { ok, problem } from './routes.ts';
import type { Line } from './state.ts';

const hourSeconds = 3600;

const range = (query: URLSearchParams) => {
  const end = query.get('endTime');
  const to = end ? Date.parse(end) : Date.now();
  const start = query.get('startTime');
  const seconds = Number(query.get('duration') ?? hourSeconds);
  return { from: start ? Date.parse(start) : to - seconds * 1000, to };
};

/**
 * Returns the log lines of a time range that match the filters, at most `lineLimit` lines. The
 * newest lines come first, unless `direction` is "forward".
 */
export const logLines = ({ query }: Call, lines: Line[]): Reply => {
  if (query.get('queryType') !== 'range')
    return problem(400, 'A query without queryType=range needs a WebSocket.');
  const { from, to } = range(query);
  const [part, container] = [query.get('textIncludes'), query.get('containerName')];
  const wanted = lines.filter(({ ts, log, containerId }) => {
    const at = Date.parse(ts);
    if (at < from || at > to) return false;
    if (container && container !== 'all' && container !== containerId) return false;
    return part === null || log.includes(part);
  });
  const most = Number(query.get('lineLimit') ?? 100);
  if (query.get('direction') === 'forward') return ok(wanted.slice(0, most));
  return ok(wanted.toReversed().slice(0, most));
};
