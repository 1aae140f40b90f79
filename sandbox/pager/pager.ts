import type { Board } from '../board.ts';
import { startHttp } from '../http.ts';
import type { Call, Reply } from '../http.ts';

/** One page that a person would have received, by webhook or by mail. */
export type PagerCall = {
  way: 'webhook' | 'smtp';
  key: string;
  title: string;
  text: string;
  priority: string;
};
export type Pager = Awaited<ReturnType<typeof startPager>>;

const header = ({ headers }: Call, name: string) => String(headers[name] ?? '');

const callOf = (call: Call): PagerCall => ({
  way: 'webhook',
  key: header(call, 'x-plimsoll-key'),
  title: header(call, 'x-title'),
  text: call.body.toString(),
  priority: header(call, 'x-priority'),
});

/**
 * Starts a receiver for pages, like the service ntfy. Each POST to any path is one page. The board
 * counts each page as the effect "page" of the service "pager".
 */
export const startPager = async ({ board, slowMs }: { board: Board; slowMs?: number }) => {
  const calls: PagerCall[] = [];
  const status = (code: number): Reply => ({ status: code, body: { code } });
  const http = await startHttp({
    board,
    ...(slowMs === undefined ? {} : { slowMs }),
    service: {
      name: 'pager',
      handle: (call) => ({
        read: () => (call.method === 'POST' ? undefined : status(405)),
        act: () => {
          const taken = callOf(call);
          calls.push(taken);
          board.count('pager', 'page', taken.key);
          return status(200);
        },
        lie: () => status(200),
      }),
      busy: () => ({ ...status(429), headers: { 'retry-after': '1' } }),
      broken: () => status(500),
    },
  });
  return {
    address: http.url,
    /** The value for `page.webhook` in plimsoll.yaml. */
    url: `${http.url}/plimsoll`,
    calls: () => [...calls],
    close: () => http.close(),
  };
};
