export { faultKinds, type Fault, type FaultKind } from './faults.js';
export { createLedger, type Ledger, type LedgerEntry, type LedgerFilter, type LedgerWriter } from './ledger.js';
export { magicNumbers, personas, type Behaviour, type PersonaName, type Scenario } from './scenarios.js';
export { signRequest, upgradeUrlToSign, webhookUrlToSign } from './carrier/signature.js';
export { startSimulator, type Simulator, type SimulatorOptions } from './start-simulator.js';
