import { drives } from './contract.ts';

drives({ name: 'systemd', runs: 'systemd', target: {} });
