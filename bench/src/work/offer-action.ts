import { type CoroutineAction, defineAction } from '@heddle/core';
import { type OfferOrder, offering, offeringAsync } from './offer.ts';

const module: string = import.meta.url;

export const offers: CoroutineAction<OfferOrder, unknown, void, unknown> = defineAction({ module, name: 'offers', run: offering });

export const offersAsync: CoroutineAction<OfferOrder, unknown, void, unknown> = defineAction({
  module,
  name: 'offersAsync',
  run: offeringAsync,
});
