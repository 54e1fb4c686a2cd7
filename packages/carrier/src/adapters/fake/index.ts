export { createFakeCarrier, type FakeCarrier, type FakeCarrierDeps, type FakeRequest } from './fake-carrier.js';
