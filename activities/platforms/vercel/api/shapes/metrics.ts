import { z } from 'zod';

const column = 'vercel_request_count_sum';
/** In Vercel's CLI, a cell is a text, a number or null (commands/metrics/types.ts). */
const cell = z.union([z.string(), z.number()]).nullable();

export type Count = {
  /** The HTTP status of the requests. null means that Vercel does not know the status. */
  status: number | null;
  /** The number of the requests. null means that Vercel has no number. */
  count: number | null;
};

const numberOf = (value: z.infer<typeof cell>) => {
  if (value === null || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : null;
};

const Row = z.object({ http_status: cell, [column]: cell }).transform((row): Count => ({
  status: numberOf(row.http_status),
  count: numberOf(row[column] as z.infer<typeof cell>),
}));
const TimedRow = z
  .looseObject({ timestamp: z.string(), http_status: cell, [column]: cell })
  .transform((row): Count & { at: number } => ({
    at: Date.parse(row.timestamp),
    status: numberOf(row.http_status),
    count: numberOf(row[column] as z.infer<typeof cell>),
  }));

/**
 * The numbers of requests, by status. `summary` contains the numbers of the whole time. `data`
 * contains the numbers of each bucket. Without `data`, Vercel sent no buckets.
 */
export const RequestCounts = z.object({
  summary: z.array(Row),
  data: z.array(TimedRow).optional(),
});
export type RequestCounts = z.infer<typeof RequestCounts>;
