import type { VendorCall, VendorService } from './call.ts';

/**
 * The result of one call of `plimsoll doctor --live`. 'ok' = the call works. 'no data' = there is
 * nothing to read, for example because the plan of the account does not include the data. 'refused'
 * = the token lacks the permission or is not valid. 'failed' = there was no answer, or an
 * unexpected answer. 'not tried' = an earlier call did not find the data for this call, or no
 * deploy to this environment makes the call. 'unknown' = the call changes something, and the vendor
 * does not show whether the token has the permission.
 */
export type Verdict = 'ok' | 'no data' | 'refused' | 'failed' | 'not tried' | 'unknown';

export type Tried = {
  /** The vendor and the resource, such as "GitHub acme/shop". */
  place: string;
  vendor: string;
  /** The name of the environment variable with the token. */
  variable: string;
  call: string;
  use: string;
  effect: boolean;
  permission: string | null;
  /** The remedy if the permission is missing; null = give the permission to the token. */
  grant: string | null;
  verdict: Verdict;
  /** The status and the vendor's own words, or the reason for the verdict; '' = none. */
  said: string;
};

/**
 * The calls to one resource with one token. `needs`: a variable that is not set; null = the calls
 * can be made.
 */
export type LiveCheck = {
  name: string;
  needs: string | null;
  run(): Promise<Tried[]>;
};

/**
 * The parts of a vendor's answer that decide the verdict. `words`: the vendor's own error text.
 * `limited`: a rate limit was reached.
 */
export type Answered = { status: number; words: string; limited: boolean };

/**
 * Judges the answer to a read. `none` returns the reason why there is nothing to read; null = the
 * answer has another meaning.
 */
export function judgeRead(
  { status, words, limited }: Answered,
  none: (status: number, words: string) => string | null,
): Pick<Tried, 'verdict' | 'said'> {
  const said = `${status}${words === '' ? '' : `: ${words}`}`;
  if (status >= 200 && status < 300) return { verdict: 'ok', said: '' };
  if (limited) return { verdict: 'failed', said: `${said} (a limit for requests)` };
  const why = none(status, words);
  if (why !== null) return { verdict: 'no data', said: why };
  const denied = status === 401 || status === 403 || (status === 404 && /^not found$/i.test(words));
  return { verdict: denied ? 'refused' : 'failed', said };
}

/** Returns whether the token may make this call; null = the vendor does not show this. */
export type Shown = (row: VendorCall) => { may: boolean; said: string } | null;

type Rest = {
  place: string;
  variable: string;
  /** The reason why a read was not tried. */
  why: string | ((call: string) => string);
  shown: Shown;
};

/**
 * Adds every call of the table that was not tried. For a read, the reason is `why`. A change is
 * never tried: its verdict comes from the permissions that the vendor shows.
 */
export function withTheRest(
  service: VendorService,
  tried: readonly Tried[],
  { place, variable, why, shown }: Rest,
): Tried[] {
  const seen = new Set(tried.map(({ call }) => call));
  const rest = service.calls.filter(({ call }) => !seen.has(call));
  const found = rest.map((row): Tried => {
    const base = { ...rowOf(service, row), place, variable };
    if (!row.effect)
      return { ...base, verdict: 'not tried', said: typeof why === 'string' ? why : why(row.call) };
    const right = shown(row);
    if (right === null) return { ...base, verdict: 'unknown', said: '' };
    return { ...base, verdict: right.may ? 'ok' : 'refused', said: right.said };
  });
  return [...tried, ...found];
}

export const rowOf = (
  { title, grant }: VendorService,
  { call, use, effect, permission }: VendorCall,
): Omit<Tried, 'place' | 'variable' | 'verdict' | 'said'> => ({
  vendor: title,
  call,
  use,
  effect,
  permission,
  grant: grant ?? null,
});
