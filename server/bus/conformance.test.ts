import { describe } from 'vitest';
import { useBusRig } from '#server/testing/bus-rig.ts';
import { deliveryTests } from '#server/testing/conformance/delivery.ts';
import { outageTests } from '#server/testing/conformance/outages.ts';
import { subscriptionTests } from '#server/testing/conformance/subscriptions.ts';

describe.each(['single', 'postgres'] as const)('the bus on %s', (kind) => {
  const rig = useBusRig(kind);
  deliveryTests(rig);
  subscriptionTests(rig);
  outageTests(rig);
});
