<?php
// A page behind phpCAS, as its documentation writes one. Its addresses come from the environment.
error_reporting(E_ALL & ~E_DEPRECATED);
require_once 'CAS.php';

$cas = parse_url(getenv('CAS_SERVER'));
phpCAS::client(CAS_VERSION_3_0, $cas['host'], $cas['port'], $cas['path'], getenv('SERVICE_BASE'));
phpCAS::setCasServerCACert(getenv('CAS_AUTHORITY'));
if (isset($_GET['logout'])) {
    phpCAS::logout();
}
phpCAS::forceAuthentication();

header('Content-Type: application/json');
echo json_encode(['user' => phpCAS::getUser(), 'attributes' => phpCAS::getAttributes()]);
