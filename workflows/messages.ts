import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { DeployStatus } from '../domain/deploy/plan.ts';

/**
 * A decision. Its type is `unknown`, because anybody with access to the namespace can send this
 * signal. An activity verifies each decision.
 */
export const decide = defineSignal<[unknown]>('decide');
/**
 * These three signals take no argument and need no signature. `retry` repeats a stuck step.
 * `rollback` and `abort` stop the deploy and roll it back. `abort` also gives up a stuck rollback
 * step.
 */
export const retry = defineSignal('retry');
export const rollback = defineSignal('rollback');
export const abort = defineSignal('abort');

/**
 * A report about the live release. Anybody can send the report, and it can have any type. The only
 * effect is that the deploy asks a person.
 */
export const flag = defineSignal<[unknown?]>('flag');

/**
 * A newer signed request for the same project and environment. Its type is `unknown`, because an
 * activity must verify the request first.
 */
export const supersede = defineSignal<[unknown]>('supersede');

export const status = defineQuery<DeployStatus>('status');
