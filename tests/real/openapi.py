"""openapi.py - answers held against an OpenAPI 3.1 document: as much of JSON
Schema as ours uses; an unknown word in the document is an error, too."""

import re

WORDS = {'type', 'description', 'required', 'properties', 'items', '$ref',
         'enum', 'format', 'allOf', 'anyOf', 'minimum', 'maximum', 'default',
         'maxLength'}
TYPES = {'object': dict, 'array': list, 'string': str, 'boolean': bool,
         'integer': int, 'number': (int, float)}
UUID = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')
DATE = re.compile(r'\d{4}-\d\d-\d\d$')
MOMENT = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$')
FORMATS = {'uuid': UUID, 'date': DATE, 'date-time': MOMENT}

# docs.openreferral.org, HSDS 3.0 schemas: what each must have
REQUIRED = {
    'Organization': {'id', 'name', 'description'},
    'Service': {'id', 'name', 'status'},
    'Location': {'id', 'location_type'},
    'ServiceAtLocation': {'id'},
    'Phone': {'id', 'number'},
    'Address': {'id', 'address_1', 'city', 'state_province', 'postal_code',
                'country', 'address_type'},
    'Taxonomy': {'id', 'name', 'description'},
    'TaxonomyTerm': {'id', 'name', 'description'},
    'Page': {'total_items', 'total_pages', 'page_number', 'size',
             'first_page', 'last_page', 'empty', 'contents'},
}


def find(document, ref):
    value = document
    for part in ref[2:].split('/'):
        value = value[part]
    return value


def check_schema(document, schema, where):
    wrong = ['%s: what is %s?' % (where, word)
             for word in schema if word not in WORDS]
    if '$ref' in schema:
        try:
            find(document, schema['$ref'])
        except KeyError:
            wrong.append('%s: %s leads nowhere' % (where, schema['$ref']))
    for name, inner in schema.get('properties', {}).items():
        wrong += check_schema(document, inner, where + '.' + name)
    for name in schema.get('required', []):
        if 'properties' in schema and name not in schema['properties']:
            wrong.append('%s: %s is required and not told' % (where, name))
    for word in ('allOf', 'anyOf'):
        for inner in schema.get(word, []):
            wrong += check_schema(document, inner, where + ' ' + word)
    if 'items' in schema:
        wrong += check_schema(document, schema['items'], where + '[]')
    return wrong


def check_document(document):
    """What is wrong with it, and what it asks less than HSDS does."""
    wrong = []
    if not document.get('openapi', '').startswith('3.1.'):
        wrong.append('no OpenAPI 3.1')
    if not {'title', 'version'} <= set(document['info']):
        wrong.append('info lacks its title or version')
    schemas = document['components']['schemas']
    for name, schema in schemas.items():
        wrong += check_schema(document, schema, name)
    for name, must in REQUIRED.items():
        if not must <= set(schemas[name]['required']):
            wrong.append('%s: HSDS requires %s' % (name, must))
    for path, item in document['paths'].items():
        for word in re.findall(r'{(\w+)}', path):
            if not any(p.get('name') == word and p.get('in') == 'path'
                       for p in item['get']['parameters']):
                wrong.append('%s: no parameter %s' % (path, word))
        for p in item['get'].get('parameters', []):
            if '$ref' in p:
                find(document, p['$ref'])
        if not item['get']['responses']:
            wrong.append('%s: no responses' % path)
    return wrong


def paths(document):
    """(path, whether it has an id) of what answers JSON."""
    return [(path, '{id}' in path) for path in document['paths']]


def check(document, schema, value, where):
    if '$ref' in schema:
        return check(document, find(document, schema['$ref']), value, where)
    if 'anyOf' in schema:
        each = [check(document, one, value, where) for one in schema['anyOf']]
        return [] if any(not wrong for wrong in each) else each[0]
    wrong = []
    for one in schema.get('allOf', []):
        wrong += check(document, one, value, where)
    kind = TYPES.get(schema.get('type'), object)
    if not isinstance(value, kind) or (
            isinstance(value, bool) and schema.get('type') != 'boolean'):
        return wrong + ['%s: %r is no %s' % (where, value, schema['type'])]
    if 'enum' in schema and value not in schema['enum']:
        wrong.append('%s: %r is not in the list' % (where, value))
    if 'format' in schema and not FORMATS[schema['format']].match(value):
        wrong.append('%s: %r is no %s' % (where, value, schema['format']))
    for name in schema.get('required', []):
        if name not in value:
            wrong.append('%s: %s is missing' % (where, name))
    known = schema.get('properties', {})
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in known:
                wrong += check(
                    document, known[name], inner, where + '.' + name)
    if isinstance(value, list) and 'items' in schema:
        for number, inner in enumerate(value):
            wrong += check(document, schema['items'], inner,
                           '%s[%d]' % (where, number))
    return wrong


def check_answer(document, path, status, value):
    """What is wrong with an answer to GET path."""
    responses = document['paths'][path]['get']['responses']
    if str(status) not in responses:
        return ['%d is not described' % status]
    schema = responses[str(status)]['content']['application/json']['schema']
    return check(document, schema, value, path)
