import type { Command } from 'commander';
import {
  addDecisions,
  addFlag,
  addLift,
  addOrders,
  addStopLine,
  addWaive,
} from './verbs/decisions.ts';
import { addAdopt, addDeploy, addViews } from './verbs/deploys.ts';
import { addCompletion, addDoctor, addInit, addMachine, addSandbox } from './verbs/machine.ts';
import { addIncidents, addTools } from './verbs/records.ts';
import type { Execute } from './verbs/shared.ts';

/** Every command: its words in verbs/, its work in commands/, loaded when it is chosen. */
export function addVerbs(program: Command, execute: Execute) {
  addInit(program, execute);
  addMachine(program, execute);
  addDoctor(program, execute);
  addDeploy(program, execute);
  addAdopt(program, execute);
  addViews(program, execute);
  addDecisions(program, execute);
  addLift(program, execute);
  addWaive(program, execute);
  addStopLine(program, execute);
  addOrders(program, execute);
  addFlag(program, execute);
  addIncidents(program, execute);
  addTools(program, execute);
  addCompletion(program, execute);
  addSandbox(program, execute);
}
