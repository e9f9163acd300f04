#!/usr/bin/env node
/*
 * smsc.js - an SMSC made of the npm package "smpp", led by lines of JSON.
 *
 * In:  {"do":"listen","as":NAME,"tls":{key,cert}?}    out: {"ev":"listening"}
 *      {"do":"policy","as":NAME, ...}                 see policy below
 *      {"do":"send","link":N,"command":C,"fields":{},"tag":T}
 *      {"do":"raw","link":N,"hex":H}
 *      {"do":"cut"|"end","link":N}
 *      {"do":"unlisten"|"relisten","as":NAME}
 * Out: {"ev":"open"|"closed","as","link"}
 *      {"ev":"pdu","as","link","at_s","command","status","sequence",
 *       "fields":{}}                 at_s: when it came, before its response
 *                                    submit_sm: also "id" and "bytes"
 *      {"ev":"resp","tag","command","status"}         to a "send"
 * Bytes are {"hex":"..."} in both directions.
 */
'use strict';
const readline = require('readline');
const smpp = require('smpp');

const places = {}; // by name: { server, port, policy }
const links = new Map();
let linkCount = 0;
let idCount = 1000;

function say(event) {
	process.stdout.write(JSON.stringify(event) + '\n');
}

function toBytes(value) {
	if (Array.isArray(value))
		return value.map(toBytes);
	if (value !== null && typeof value === 'object') {
		if (typeof value.hex === 'string')
			return Buffer.from(value.hex, 'hex');
		return Object.fromEntries(Object.entries(value).map(
		    ([key, one]) => [key, toBytes(one)]));
	}
	return value;
}

function fromBytes(value) {
	if (Buffer.isBuffer(value))
		return { hex: value.toString('hex') };
	if (Array.isArray(value))
		return value.map(fromBytes);
	if (value instanceof Date)
		return value.toISOString();
	if (value !== null && typeof value === 'object')
		return Object.fromEntries(Object.entries(value).map(
		    ([key, one]) => [key, fromBytes(one)]));
	return value;
}

/* What a place does by itself; any of it may be set by "policy". */
function freshPolicy() {
	return {
		password: 'secret',
		bind: 0, // status, or "silent"
		submit: [], // statuses of the next submits, or "silent"
		answers: true, // enquire_link and unbind
		id: 'hex', // how message ids are written
	};
}

function onBind(session, policy, pdu) {
	let status = policy.bind;
	if (status === 'silent')
		return;
	if (status === 0 && pdu.password !== policy.password)
		status = smpp.ESME_RINVPASWD;
	session.send(pdu.response(status ? { command_status: status } :
	    { system_id: 'PEER', sc_interface_version: 0x34 }));
}

function messageId(policy) {
	const id = idCount++;
	return policy.id === 'hex' ? id.toString(16).toUpperCase() :
	    id.toString(10);
}

function onSubmit(session, policy, pdu) {
	const status = policy.submit.length ? policy.submit.shift() : 0;
	if (status === 'silent')
		return undefined;
	if (status) {
		session.send(pdu.response({ command_status: status }));
		return undefined;
	}
	const id = messageId(policy);
	session.send(pdu.response({ message_id: id }));
	return id;
}

/* The bytes of a PDU, beside what the package makes of them. */
const fromBuffer = smpp.PDU.prototype.fromBuffer;
smpp.PDU.prototype.fromBuffer = function (buffer) {
	Object.defineProperty(this, 'bytes', { value: Buffer.from(buffer) });
	return fromBuffer.call(this, buffer);
};

function onPdu(name, link, session, pdu) {
	const policy = places[name].policy;
	const event = { ev: 'pdu', as: name, link,
		at_s: Number(process.hrtime.bigint()) / 1e9, command: pdu.command,
		status: pdu.command_status, sequence: pdu.sequence_number };

	if (/^bind_[a-z]*$/.test(pdu.command) && !pdu.isResponse())
		onBind(session, policy, pdu);
	else if (pdu.command === 'submit_sm')
		Object.assign(event, { id: onSubmit(session, policy, pdu),
			bytes: fromBytes(pdu.bytes) });
	else if (policy.answers && (pdu.command === 'enquire_link' ||
	    pdu.command === 'unbind'))
		session.send(pdu.response());
	event.fields = fromBytes(Object.fromEntries(Object.entries(pdu).filter(
	    ([key]) => !key.startsWith('command') && key !== 'password' &&
	    key !== 'sequence_number')));
	say(event);
}

function onSession(name, session) {
	const link = ++linkCount;

	links.set(link, session);
	session.socket.setNoDelay(true);
	session.on('error', () => {});
	session.on('pdu', pdu => onPdu(name, link, session, pdu));
	session.on('close', () => {
		links.delete(link);
		say({ ev: 'closed', as: name, link });
	});
	say({ ev: 'open', as: name, link });
}

function listen(name, tls, port) {
	const server = smpp.createServer(tls || {},
	    session => onSession(name, session));

	places[name] = places[name] || { policy: freshPolicy(), tls };
	places[name].server = server;
	server.on('tlsClientError', () => say({ ev: 'tls_error', as: name }));
	server.listen(port || 0, '127.0.0.1', () => {
		places[name].port = server.address().port;
		say({ ev: 'listening', as: name, port: places[name].port });
	});
}

const doings = {
	listen: o => listen(o.as, o.tls),
	unlisten: o => places[o.as].server.close(),
	relisten: o => listen(o.as, places[o.as].tls, places[o.as].port),
	policy: o => {
		Object.assign(places[o.as].policy, o.set);
		say({ ev: 'policy', as: o.as });
	},
	send: o => links.get(o.link).send(
	    new smpp.PDU(o.command, toBytes(o.fields || {})),
	    pdu => say({ ev: 'resp', tag: o.tag, command: pdu.command,
		    status: pdu.command_status })),
	raw: o => links.get(o.link).socket.write(Buffer.from(o.hex, 'hex')),
	cut: o => links.get(o.link).destroy(),
	end: o => links.get(o.link).close(),
};

readline.createInterface({ input: process.stdin }).on('line', line => {
	const order = JSON.parse(line);

	if (order.link !== undefined && !links.has(order.link))
		say({ ev: 'gone', link: order.link, tag: order.tag });
	else
		doings[order.do](order);
}).on('close', () => process.exit(0));
