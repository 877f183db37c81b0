// POST /api/payment-gateway
'use strict';

// Taken currencies are few on purpose: each one needs a contract.
const store = require('../lib/store');

/**
 * Rounds an amount to whole cents.
 *
 * @param {number} amount
 * @returns {number}
 */
function toCents(amount) {
  return Math.round(amount * 100);
}

/**
 * Tells whether a currency is one of those that are taken.
 *
 * @param {string} currency
 * @returns {boolean}
 */
function isTaken(currency) {
  const taken = ['EUR', 'USD', 'GBP', 'JPY'];
  return taken.includes(currency);
}

/**
 * Charges a payment method.
 *
 * The gateway answers at once; the money moves later. A payment
 * that is not accepted leaves no trace in the store, so that it
 * can be tried again under the same reference.
 *
 * What it returns was never written down anywhere: there is no
 * schema for it. Callers look at `accepted` first, and ask the
 * gateway again about the status when they need to know whether
 * the money has arrived.
 *
 * @param {string} reference
 * @param {number} amount
 * @param {string} currency
 * @returns {PaymentResponse}
 */
function processPayment(reference, amount, currency) {
  if (!isTaken(currency)) {
    throw new Error('currency not taken: ' + currency);
  }
  store.save('payment', reference, toCents(amount));
  return { reference: reference, amount: amount, currency: currency, status: 'pending', accepted: true };
}

module.exports = { processPayment };
