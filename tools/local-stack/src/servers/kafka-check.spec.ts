import { parseClusterId } from './kafka-check';

const string = (text: string): Buffer => {
  const length = Buffer.alloc(2);
  length.writeInt16BE(text.length);
  return Buffer.concat([length, Buffer.from(text)]);
};
const int32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
};
const NULL_STRING = Buffer.from([0xff, 0xff]);

describe('parseClusterId', () => {
  it('finds the cluster id after brokers with and without a rack', () => {
    const first = [int32(1), string('127.0.0.1'), int32(9092), NULL_STRING];
    const second = [int32(2), string('broker-2'), int32(9092), string('rack-a')];
    const body = Buffer.concat([int32(0), int32(2), ...first, ...second, string('the-cluster')]);
    expect(parseClusterId(body)).toBe('the-cluster');
  });

  it('accepts a response without a cluster id', () => {
    expect(parseClusterId(Buffer.concat([int32(0), int32(0), NULL_STRING]))).toBeUndefined();
  });
});
