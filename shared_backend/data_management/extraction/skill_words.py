"""Well-known skills and tools, for texts that list none. The knowledge base, once imported, knows far more."""

from __future__ import annotations

SKILLS = """
Python, Java, JavaScript, TypeScript, C++, C#, SQL, PL/SQL, HTML, HTML5, CSS, PHP, Ruby, Ruby on Rails, Perl, Scala,
Kotlin, Swift, Objective-C, MATLAB, VBA, Visual Basic, COBOL, Fortran, Golang, Rust, Haskell, Bash, Shell scripting,
PowerShell
.NET, ASP.NET, Node.js, React, Angular, AngularJS, Vue.js, jQuery, Bootstrap, Django, Flask, Spring, Spring Boot,
Hibernate, J2EE, JSP, Servlets, REST, SOAP, GraphQL, XML, JSON, AJAX, WordPress, Drupal, Joomla, Magento
MySQL, PostgreSQL, Oracle, MongoDB, SQL Server, DB2, Redis, Cassandra, Elasticsearch, Hadoop, Spark, Hive, Kafka,
Snowflake, Teradata, Informatica, SSIS, SSRS, ETL, data warehousing, Tableau, Power BI, QlikView, Cognos,
Crystal Reports, Business Objects
AWS, Azure, Google Cloud, Docker, Kubernetes, Terraform, Ansible, Jenkins, Git, SVN, Linux, Unix, Windows Server,
Active Directory, VMware, Citrix, Cisco, TCP/IP, VPN, DNS, DHCP, firewalls, network security, cybersecurity,
penetration testing
machine learning, deep learning, natural language processing, computer vision, data analysis, data mining,
data entry, data modeling, data science, statistics, statistical analysis, TensorFlow, PyTorch, pandas, NumPy,
scikit-learn, SAS, SPSS, Stata, R programming
Microsoft Office, MS Office, Microsoft Word, Microsoft Excel, MS Excel, Excel, PowerPoint, Outlook, Microsoft Access,
SharePoint, Visio, Microsoft Project, MS Project, OneNote, Google Docs, Google Analytics, Lotus Notes, LibreOffice
SAP, Salesforce, PeopleSoft, Workday, QuickBooks, Peachtree, Sage, NetSuite, Dynamics, JD Edwards, Hyperion, Kronos,
ADP, Epic, Cerner, Meditech, Jira, Confluence, Trello, Asana, ServiceNow, Remedy, HubSpot, Mailchimp, Zendesk
Photoshop, Illustrator, InDesign, Adobe Creative Suite, Adobe Acrobat, Dreamweaver, Flash, Premiere, Final Cut Pro,
After Effects, Lightroom, Sketch, Figma, AutoCAD, SolidWorks, Revit, CATIA, Pro/E, SketchUp, Maya, 3ds Max, Blender,
QuarkXPress, graphic design, web design, typography, illustration, photography, video editing
customer service, customer relations, customer support, client relations, client services, customer satisfaction,
sales, retail sales, inside sales, outside sales, cold calling, lead generation, account management,
business development, negotiation, contract negotiation, merchandising, visual merchandising, inventory management,
inventory control, inventory, cash handling, point of sale, POS, pricing, forecasting, sales management,
territory management, upselling
marketing, digital marketing, social media, social media marketing, content marketing, email marketing, SEO, SEM,
copywriting, copy editing, editing, proofreading, public relations, media relations, press releases, event planning,
event management, fundraising, branding, brand management, market research, advertising, campaign management,
journalism, blogging, newsletters
project management, program management, product management, change management, risk management, quality assurance,
quality control, process improvement, continuous improvement, Six Sigma, Lean, Kaizen, Agile, Scrum, Kanban, PMP,
ITIL, strategic planning, business analysis, requirements gathering, stakeholder management, vendor management,
supply chain management, supply chain, logistics, procurement, purchasing, operations management, operations,
resource management, scheduling, budgeting, budget management, budget, cost control, cost reduction, forecasting
accounting, bookkeeping, accounts payable, accounts receivable, payroll, general ledger, financial analysis,
financial reporting, financial statements, financial modeling, auditing, internal audit, tax preparation, taxation,
reconciliation, bank reconciliation, GAAP, IFRS, Sarbanes-Oxley, billing, invoicing, collections, credit analysis,
underwriting, loan processing, mortgage, investment management, portfolio management, banking, insurance, compliance,
journal entries, month-end close, cash management
human resources, recruiting, recruitment, talent acquisition, onboarding, employee relations, performance management,
training and development, training, staff training, coaching, mentoring, benefits administration, compensation,
labor relations, succession planning, staffing, interviewing, team building, team leadership, leadership,
supervision, supervisory, management, delegation
communication skills, verbal communication, written communication, public speaking, presentation skills,
presentations, interpersonal skills, teamwork, problem solving, critical thinking, decision making, time management,
organizational skills, multitasking, attention to detail, conflict resolution, adaptability, analytical skills,
research, report writing, technical writing, creative writing, translation, interpreting, typing, filing, faxing,
office administration, administrative support, clerical, calendar management, travel arrangements, record keeping,
front desk, multi-line phone, reception, transcription, mail
teaching, curriculum development, lesson planning, classroom management, instruction, instructional design, tutoring,
special education, early childhood education, student engagement, child development, childcare, counseling,
case management, crisis intervention, social work, community outreach, advocacy, behavior management, assessment
nursing, patient care, CPR, first aid, medication administration, vital signs, phlebotomy, medical terminology,
medical billing, medical coding, ICD-10, HIPAA, electronic medical records, EMR, patient education, wound care,
infection control, triage, physical therapy, rehabilitation, pharmacy, clinical research, mental health, nutrition,
health education, home care, dental, radiology, laboratory
cooking, food preparation, food safety, menu planning, menu development, catering, baking, culinary, food service,
sanitation, ServSafe, HACCP, kitchen management, bartending, hospitality, guest services, hotel management,
housekeeping, cleaning
construction, carpentry, plumbing, electrical, HVAC, welding, blueprint reading, project estimation, estimating,
safety, OSHA, site management, equipment operation, heavy equipment, forklift, maintenance, preventive maintenance,
troubleshooting, repair, mechanical, machining, CNC, manufacturing, production, assembly, quality inspection,
machine operation, soldering, painting, landscaping, surveying, civil engineering, mechanical engineering,
electrical engineering, structural analysis, AutoCAD Civil 3D, GIS, ArcGIS, PLC, SCADA, instrumentation
personal training, fitness, group fitness, yoga, pilates, zumba, exercise physiology, strength training,
athletic training, nutrition counseling, swimming, lifeguarding, weight loss, wellness
legal research, legal writing, litigation, contract law, contracts, drafting, mediation, arbitration, paralegal,
Westlaw, LexisNexis, corporate law, criminal law, family law, real estate, intellectual property, discovery,
depositions, case preparation
aircraft maintenance, aviation, flight operations, FAA regulations, navigation, air traffic control, avionics,
agriculture, farming, irrigation, horticulture, livestock, crop production, pest control, animal care, veterinary,
forestry, soil science, fashion design, pattern making, sewing, textiles, styling, draping, garment construction,
trend analysis, buying, alterations, automotive repair, diagnostics, brakes, engine repair, driving, delivery,
dispatching, fleet management, warehouse, shipping, receiving, shipping and receiving, call center, telemarketing,
technical support, help desk, hardware, networking, system administration, software testing, test automation,
Selenium, manual testing, debugging, unit testing, security, surveillance, loss prevention, investigations,
law enforcement, military, emergency management
"""
