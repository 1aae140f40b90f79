import type { ApplicationFailure } from '@temporalio/common';
import { createPlatformGate } from '../../../activities/gates/platform.ts';
import { createSecretsGate } from '../../../activities/gates/secrets/secrets.ts';
import type { Git } from '../../../activities/git/git.ts';
import type { DriverOf } from '../../../activities/platforms/driver.ts';
import type { GateReport, Plan } from '../../../domain/deploy/plan.ts';
import { noFetch } from '../../support/drivers.ts';

/**
 * The result of a gate as a person reads it. `again` = the gate threw a failure that Temporal would
 * retry before the gate closes.
 */
export type Verdict = { open: boolean; again: boolean; reasons: string[] };

/** Runs a gate once. A failure that the gate throws is a closed gate. */
export async function verdictOf(check: () => Promise<GateReport>): Promise<Verdict> {
  try {
    const { open, reasons } = await check();
    return { open, again: false, reasons };
  } catch (failure) {
    const { message, nonRetryable } = failure as ApplicationFailure;
    return { open: false, again: !nonRetryable, reasons: [message.replaceAll('\n', ' ')] };
  }
}

const textOf = ({ open, again, reasons }: Verdict) =>
  open
    ? `open: ${reasons.join('; ')}`
    : `${again ? 'asked again; then ' : ''}closed: ${reasons.join(' ')}`;

/**
 * One line for each text of a gate. Bad answers that lead to the same text share a line. `steady`
 * replaces the parts of a text that change in every run.
 */
export function linesOf(verdicts: Map<string, Verdict>, steady: (text: string) => string) {
  const groups = Map.groupBy(verdicts, ([, verdict]) => steady(textOf(verdict)));
  return [...groups].map(([text, of]) => `- ${of.map(([spoil]) => spoil).join(', ')}: ${text}`);
}

/** The two gates that ask a platform. The ledger is empty. */
export function gatesOfPlatform(plan: Plan, git: Git, driverOf: DriverOf) {
  const config = { sandbox: true, projects: { shop: {} } } as never;
  const ledger = { quarantines: async () => [] } as never;
  const remoteEndpoints: [] = [];
  const settings = { config, git, ledger, driverOf, fetch: noFetch, remoteEndpoints };
  const platform = createPlatformGate(settings);
  const secrets = createSecretsGate({ config, git, driverOf });
  return { platform: () => platform({ plan }), secrets: () => secrets({ plan }) };
}
