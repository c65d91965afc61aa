/** kafkajs ships no types for its internals; only the prototype is touched, by `calmRequestQueueTimer`. */
declare module 'kafkajs/src/network/requestQueue' {
  const RequestQueue: { prototype: object };
  export default RequestQueue;
}
