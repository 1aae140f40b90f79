import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { DeployStatus } from '../domain/plan.ts';

/** A decision is `unknown` on purpose: anybody with namespace access can send one; an activity judges it. */
export const decide = defineSignal<[unknown]>('decide');
/** Backward is free: these three need no argument and no signature. */
export const retry = defineSignal('retry');
export const rollback = defineSignal('rollback');
export const abort = defineSignal('abort');

/** A report on what is live, from anybody, of any shape: it only makes the deploy ask. */
export const flag = defineSignal<[unknown?]>('flag');

/** A newer signed request for the same place, `unknown` until an activity has verified it. */
export const supersede = defineSignal<[unknown]>('supersede');

export const status = defineQuery<DeployStatus>('status');
